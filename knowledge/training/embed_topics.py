"""Writes the `phrasings.npz` of the encoder and of the table of words: run it after changing a topic or either.

python -m knowledge.training.embed_topics
"""

from knowledge.encoder import FOLDER, Encoder
from knowledge.nearness import PHRASINGS, write_phrasings
from knowledge.topics import load_topics
from knowledge.words import FOLDER as WORDS
from knowledge.words import WordTable

if __name__ == "__main__":
    topics = load_topics()
    write_phrasings(Encoder.load(), topics, FOLDER / PHRASINGS)
    write_phrasings(WordTable.load(topics.concepts), topics, WORDS / PHRASINGS)
