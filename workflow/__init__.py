"""The Snakemake side: rules, thin scripts, and the plan that both follow."""
