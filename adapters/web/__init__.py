"""The clerk on a page of its own: the platform for a school that has neither Slack nor Teams.

Three rooms like every platform here: `inbound` (request -> event), `render` (reply -> HTML,
pure) and `outbound` (the Sender). `pages` holds the routes, `security` what every one of them
answers with, `live` the event stream, `assets` the two files a browser loads.
"""
