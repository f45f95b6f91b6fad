"""The colours of the portraits: flat, warm, and distinguishable on light and dark pages."""

# Skin: colour, shade, line, lips, blush.
SKIN = {
    "1": ("#f7dcc8", "#eac3a8", "#a8735a", "#bd6f63", "#eea58f"),
    "2": ("#efc8a8", "#deab86", "#9a6544", "#b1604f", "#e39278"),
    "3": ("#dcab80", "#c68f64", "#84522f", "#9d5140", "#cc7b5c"),
    "4": ("#bd8660", "#a56d48", "#6a3f24", "#8a4534", "#ad6347"),
    "5": ("#8f5c3e", "#774830", "#4a2917", "#6b3127", "#8a4a37"),
    "6": ("#674331", "#523324", "#301a10", "#4f251f", "#6b3a2d"),
}

# Hair: colour, light strands, dark parts.
HAIR = {
    "black": ("#2b2523", "#453b36", "#1c1816"),
    "dark-brown": ("#46322a", "#61473b", "#33241e"),
    "brown": ("#6f4c35", "#8c6549", "#563a28"),
    "auburn": ("#8a472c", "#a96243", "#6c3621"),
    "blond": ("#cda466", "#e0c08a", "#b0874b"),
    "grey": ("#9d968e", "#b9b3ab", "#817a73"),
    "white": ("#dad5cd", "#ece9e3", "#bdb7ae"),
}

# Clothes: colour, shade, light.
CLOTHES = {
    "teal": ("#3d7a80", "#2f6268", "#5c979c"),
    "navy": ("#3b4c6b", "#2d3b55", "#586a8b"),
    "rust": ("#b1603a", "#934d2c", "#c98059"),
    "plum": ("#7a4a63", "#623a4f", "#976780"),
    "sage": ("#7b8d6a", "#647555", "#99a98a"),
    "ochre": ("#c0923f", "#a1782f", "#d5ae66"),
    "charcoal": ("#4b4a4c", "#39383a", "#666567"),
    "cream": ("#e6dccb", "#cfc2ad", "#f3ecdf"),
}

BACKDROP = {
    "sand": "#e6d2b5",
    "sage": "#cbd5bd",
    "mist": "#c3d4d7",
    "clay": "#e8c5ad",
    "mauve": "#d9c7d6",
    "straw": "#ecdba6",
}

INK = "#2a201c"
LINEN = "#f6f1e8"
METAL = "#cfa95a"
FRAME = "#3a2f2a"
