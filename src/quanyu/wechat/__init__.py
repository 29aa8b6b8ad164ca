"""The platform's protocols: wire types, signing, codecs and clients. Knows nothing of our business."""
