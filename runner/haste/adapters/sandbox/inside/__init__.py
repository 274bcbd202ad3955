"""What runs inside a sandbox: the warm process, the fence it puts around a script, and the watch over it.

Only the standard library is imported here, since this folder alone is what a sandbox gets to see of HASTE.
"""
