"""Tests of watching and acting."""
