"""What an action does step by step, its effects, and what prevents it."""
