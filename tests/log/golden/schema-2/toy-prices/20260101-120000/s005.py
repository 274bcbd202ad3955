# text-counts
print(5)
