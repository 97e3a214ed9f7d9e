"""What runs inside the guest: checks of the loaded module, told as KTAP on the console."""
