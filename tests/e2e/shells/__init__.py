"""Commands that nstui prints, run by the shells that they are pasted into."""
