"""Moves runs on: `slice.run_slice` does one slice, `drive.drive` does all of them in this process."""
