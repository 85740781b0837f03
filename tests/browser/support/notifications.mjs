// What somebody does at <spark-notifications>, by role and name.

export class Notifications {
  constructor(page) {
    this.page = page;
    this.element = page.locator("spark-notifications");
    this.device = this.switch("Notifications on this device");
    this.quiet = this.switch("Quiet hours");
    this.muted = this.section("Muted conversations");
    this.others = this.section("Other devices");
  }

  switch(name) {
    return this.element.getByRole("switch", { name });
  }

  section(name) {
    return this.element.getByRole("region", { name });
  }

  button(name) {
    return this.element.getByRole("button", { name, exact: true });
  }

  radio(name) {
    return this.element.getByRole("radio", { name, exact: true });
  }

  /** Resolves once the switch for this device says this of itself. */
  async says(words) {
    await this.section("Notifications on this device").getByText(words).waitFor();
  }

  /** Resolves once a switch is on, or off. */
  async stands(which, isOn) {
    await this.element.locator(`[role=switch][aria-checked=${isOn}]`).and(which).waitFor();
  }
}
