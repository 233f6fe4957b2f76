"""Pictures where people look rather than read: plain data in, an SVG with its text out.

``picture`` is how each is drawn and written; ``timeline``, ``chances``, ``bars`` and ``teammap`` say what is
drawn. matplotlib is loaded when the first picture is asked for its SVG or PNG, not before.
"""
