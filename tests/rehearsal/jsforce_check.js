// Drives the practice org with jsforce as its users do, and prints what it saw as one line of JSON.
const jsforce = require(process.env.JSFORCE_DIR + '/node_modules/jsforce');

async function main() {
  const [url, username, password] = process.argv.slice(2);
  const conn = new jsforce.Connection({ loginUrl: url, version: '60.0' });
  const user = await conn.login(username, password);
  const seen = { user: user.id, instance: conn.instanceUrl };
  const first = await conn.query('SELECT Id, Name, Owner.Name FROM Account', { autoFetch: false });
  seen.total = first.totalSize;
  seen.fetched = await new Promise((resolve, reject) => {
    const records = [];
    conn.query('SELECT Id FROM Contact', { headers: { 'Sforce-Query-Options': 'batchSize=200' } })
      .on('record', (record) => records.push(record))
      .on('end', () => resolve(records.length))
      .on('error', reject)
      .run({ autoFetch: true, maxFetch: 5000 });
  });
  seen.fields = (await conn.sobject('Account').describe()).fields.length;
  seen.objects = (await conn.describeGlobal()).sobjects.length;
  const made = await conn.sobject('Account').create({ Name: 'From jsforce' });
  seen.created = made.success;
  seen.updated = (await conn.sobject('Account').update({ Id: made.id, Phone: '1' })).success;
  seen.phone = (await conn.sobject('Account').retrieve(made.id)).Phone;
  const many = await conn.sobject('Account').create([{ Name: 'One' }, { Phone: '2' }], { allOrNone: false });
  seen.many = many.map((result) => result.success);
  seen.upserted = (await conn.sobject('Account').upsert({ Name: 'Up', Customer_Number__c: 'JS-1' }, 'Customer_Number__c')).success;
  seen.deleted = (await conn.sobject('Account').destroy(made.id)).success;
  seen.wrong = await conn.query('SELECT Idd FROM Account').catch((error) => error.errorCode);
  seen.views = (await conn.sobject('Account').listviews()).listviews.length;
  seen.bulk = await new Promise((resolve, reject) => {
    let count = 0;
    conn.bulk2.query('SELECT Id, Name FROM Account').then((stream) => {
      stream.on('record', () => { count += 1; });
      stream.on('end', () => resolve(count));
      stream.on('error', reject);
    }, reject);
  });
  const load = await conn.bulk2.loadAndWaitForResults({ object: 'Account', operation: 'insert', input: [{ Name: 'Bulk' }, { Name: '' }] });
  seen.loaded = [load.successfulResults.length, load.failedResults.length];
  seen.identity = (await conn.identity()).username;
  seen.limit = conn.limitInfo.apiUsage.limit;
  await conn.logout();
  console.log(JSON.stringify(seen));
}

main().catch((error) => { console.error(error); process.exit(1); });
