"""Writes `knowledge/model/phrasings.npz`: run it after changing a topic or the model.

python -m knowledge.training.embed_topics
"""

from knowledge.encoder import Encoder
from knowledge.nearness import write_phrasings
from knowledge.topics import load_topics

if __name__ == "__main__":
    write_phrasings(Encoder.load(), load_topics())
