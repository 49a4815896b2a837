"""The one door through which Fieldsmith calls other machines: `client.Outgoing`. Nothing else in the product may open a connection.

A URL that a person or another system wrote (webhooks, feeds, pictures) is no address to trust: it may lead to this machine or its network.
"""
