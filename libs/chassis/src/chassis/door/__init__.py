"""An HTTP door for what may not enter the log: documents, and what is personal. ADR 0014.

`proof` says who asks, `gate` lets them in, `content` says what bytes are, `papers` keeps them, `serving` puts it
together. A service that has a door names itself and says who may read what (`serving.Door`).
"""
