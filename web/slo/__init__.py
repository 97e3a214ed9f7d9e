"""What the farm promises, and how it stands to it. Imports jobs and the ports of stores."""
