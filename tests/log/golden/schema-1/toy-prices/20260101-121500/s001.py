# boosting
print(1)
