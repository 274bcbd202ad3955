"""What HASTE knows. Pure: no files, no clock, no network, and no chance but a seeded one."""
