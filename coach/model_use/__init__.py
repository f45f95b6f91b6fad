"""What models were asked, what it cost, and the daily ceiling that stops new sessions."""
