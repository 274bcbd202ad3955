# fix-column
print(3)
