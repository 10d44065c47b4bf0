"""The rules of confidence votes, pure: presets, denominators, quorum, outcomes, atoms, disclosure."""
