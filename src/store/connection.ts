import { MongoClient } from 'mongodb';
import type { Collection, Db } from 'mongodb';
import type { CampaignFact } from '../campaign/facts.ts';
import { CampaignStore } from './campaign-store.ts';
import type { FactStore } from './fact-store.ts';
import { insertFact } from './insert.ts';

/** The store of facts: one database for the list of campaigns, and one for each campaign, so that scans stay short. */
export class Store implements FactStore {
  private readonly client: MongoClient;
  private readonly prefix: string;

  private constructor(client: MongoClient, prefix: string) {
    this.client = client;
    this.prefix = prefix;
  }

  /**
   * Connects within `timeoutMs`.
   * @throws StoreUnreachableError naming the address and the remedy
   */
  static async connect(uri: string, { timeoutMs = 5000, prefix = 'assayer' } = {}): Promise<Store> {
    const client = new MongoClient(uri, { serverSelectionTimeoutMS: timeoutMs, retryWrites: false });
    try {
      await client.connect();
      await client.db(prefix).command({ ping: 1 });
      return new Store(client, prefix);
    } catch (error) {
      await client.close();
      throw new StoreUnreachableError(uri, error);
    }
  }

  campaign(name: string): CampaignStore {
    return new CampaignStore(this.client.db(`${this.prefix}-${name}`));
  }

  async addCampaign(fact: CampaignFact): Promise<boolean> {
    return insertFact(this.campaigns(), fact);
  }

  async getCampaign(name: string): Promise<CampaignFact | null> {
    return this.campaigns().findOne({ _id: name });
  }

  async listCampaigns(): Promise<CampaignFact[]> {
    const campaigns = await this.campaigns().find().toArray();
    return campaigns.sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  }

  async serverVersion(): Promise<string> {
    const info = await this.db().command({ buildInfo: 1 });
    return String(info['version']);
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  private db(): Db {
    return this.client.db(this.prefix);
  }

  private campaigns(): Collection<CampaignFact> {
    return this.db().collection<CampaignFact>('campaigns');
  }
}

export class StoreUnreachableError extends Error {
  constructor(uri: string, cause: unknown) {
    const address = uri.replace(/\/\/[^@/]*@/, '//***@');
    const detail = cause instanceof Error ? cause.message : String(cause);
    super(
      `cannot reach the store at ${address} (${detail}); check MONGODB_URI, or unset it to use the embedded store`,
    );
    this.name = 'StoreUnreachableError';
  }
}
