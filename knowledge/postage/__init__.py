"""What sending costs, read out of the shop's own documents."""
