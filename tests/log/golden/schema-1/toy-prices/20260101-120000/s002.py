# linear
print(2)
