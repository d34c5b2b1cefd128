break twice
continue
detach
