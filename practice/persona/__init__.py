"""The other person: what they know, how a turn is understood and what they answer.

- `brief`: what a curator wrote about them, and what of it is still kept back.
- `sentences`: what a sentence does and asks for, whoever says it and whoever hears it.
- `hostility`: whether a sentence is meant to hurt.
- `recognition`: what a trainee's turn calls for. Begin with `turn_recognition`.
- `rules`: their state, what happens next, and when they leave.
- `answers`: what they say without a language model. Begin with `role_reply`.
- `model`: how a language model plays them, and what stops it.
- `role_player` speaks.
"""
