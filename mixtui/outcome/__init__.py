"""What really happened: outcome, rejections, regions, rejected records, quota, paging."""
