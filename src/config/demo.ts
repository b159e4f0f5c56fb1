/** A user of the sandbox, as the login page of mock mode offers it. Synthetic: nobody's account. */
export interface DemoUser {
  readonly id: string;
  /** What the login form posts as `user`. */
  readonly login: string;
  readonly displayName: string;
  /** One line about what this user shows. */
  readonly about: string;
}

export const DEMO_USER: DemoUser = {
  id: 'usr_demo_8f3a91',
  login: 'demo',
  displayName: 'Demo user',
  about: 'Semi-automatic: a trade is waiting for approval.',
};

export const SECOND_DEMO_USER: DemoUser = {
  id: 'usr_demo_2b7c44',
  login: 'demo2',
  displayName: 'Second demo user',
  about: 'Fully automatic: nothing to approve, other positions.',
};

/** In the order the login page shows them. */
export const DEMO_USERS: readonly DemoUser[] = [DEMO_USER, SECOND_DEMO_USER];
