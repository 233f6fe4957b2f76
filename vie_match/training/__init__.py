"""Texts → an encoder of one's own: what is read, what it is taught, how a run survives a kill.

``config`` what a run is, ``corpora`` files → texts and pairs, ``teachers`` texts → the vectors to be
reproduced, ``objectives`` the losses, ``runs`` the run itself, ``cards`` the model card.
Needs the extra ``train``.
"""
