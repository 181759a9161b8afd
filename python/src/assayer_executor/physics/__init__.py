"""What is computed with a calculator: relaxation, elasticity, phonons, dynamics."""
