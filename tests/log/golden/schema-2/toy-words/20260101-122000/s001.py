# transformer
print(1)
