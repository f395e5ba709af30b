"""The registry's nouns and the rules they keep. Pure: values in, values out."""
