"""The report: from stores to one page with figures and a viewer of trees."""
