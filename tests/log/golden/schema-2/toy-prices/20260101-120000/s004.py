# log-target
print(4)
