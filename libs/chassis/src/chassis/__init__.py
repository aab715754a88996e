"""What every process of the register stands on. The chassis knows nothing of the business."""
