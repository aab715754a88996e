"""The command line of the register, and the client it is made with: `flexreg.client.Register`."""
