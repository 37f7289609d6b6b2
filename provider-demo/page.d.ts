// What each shop's page declares for its scripts.

/** The host of the other shop. */
declare const OTHER_SHOP: string;

/** How this shop wants the bridge's button to look. */
declare const BUTTON: CookieBridgeButton;
