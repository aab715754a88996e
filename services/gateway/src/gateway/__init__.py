"""The gateway: who sent it, may they send it, and who is sent what. It decides nothing about the business."""
