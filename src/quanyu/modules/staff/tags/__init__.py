"""Corp tags 企业标签: the company's tags on customers, kept in step with the platform both ways."""
