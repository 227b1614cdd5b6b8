"""The tags that the Swiss AI Center's engine knows: name → acronym."""

ACRONYMS = {
    "Generic": "GNR", "Image Processing": "IP", "Image Recognition": "IR", "Image Generation": "IG",
    "Audio Processing": "AP", "Audio Generation": "AG", "Video Processing": "VP", "Video Generation": "VG",
    "Document Processing": "DP", "Document Generation": "DG", "Data Preprocessing": "DPP",
    "Natural Language Processing": "NLP", "Anomaly Detection": "AD", "Recommendation": "R", "Time Series": "TS",
    "Clustering": "C", "Segmentation": "S", "Speech Recognition": "SR", "Sentiment Analysis": "SA",
    "Neural Networks": "NN", "Explainable AI": "XAI",
}  # fmt: skip
GENERIC = "Generic"
