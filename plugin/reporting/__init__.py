"""What leaves the building, as an administrator sees and decides it: consent, its notice, phone-home, what was sent."""
