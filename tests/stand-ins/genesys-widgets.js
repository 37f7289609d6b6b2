// The bus of Genesys Widgets.
