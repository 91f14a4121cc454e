"""The whole of nstui against a real engine and the kernel it runs on."""
