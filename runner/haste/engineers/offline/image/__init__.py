"""The specialist for images: small networks, gradient histograms, colours and textures."""
