// Drives the practice account with the vendor's own client as its users do, and prints what it saw as one line of JSON.
const { v1, v2 } = require(process.env.PIPEDRIVE_CLIENT_DIR + '/node_modules/pipedrive');

async function main() {
  const [url, clientId, clientSecret, redirectUri, code, key] = process.argv.slice(2);
  const oauth2 = new v2.OAuth2Configuration({ clientId, clientSecret, redirectUri, host: url });
  const seen = {};
  const token = await oauth2.authorize(code);
  seen.token = [token.token_type, token.api_domain === url, oauth2.basePath === `${url}/api/v2`];
  const old = token.access_token;
  const renewed = await oauth2.tokenRefresh();
  seen.refreshed = [renewed.access_token !== old, renewed.refresh_token === token.refresh_token];
  const config2 = new v2.Configuration({ accessToken: () => oauth2.getAccessToken(), basePath: oauth2.basePath });
  const config1 = new v1.Configuration({ accessToken: () => oauth2.getAccessToken(), basePath: `${url}/api/v1` });

  const organizations = new v2.OrganizationsApi(config2);
  seen.ids = [];
  for (let cursor; ;) {
    const page = await organizations.getOrganizations({ limit: 4, cursor });
    seen.ids.push(page.data.length);
    cursor = page.additional_data.next_cursor;
    if (!cursor) break;
  }
  const made = await organizations.addOrganization({ AddOrganizationRequest: { name: 'From the client', custom_fields: { [key]: 'JS-1' } } });
  seen.made = [made.success, made.data.custom_fields[key], made.data.update_time];
  const changed = await organizations.updateOrganization({ id: made.data.id, UpdateOrganizationRequest: { name: 'Changed' } });
  seen.changed = changed.data.name;
  seen.searched = (await organizations.searchOrganization({ term: 'changed' })).data.items.map((one) => one.item.name);
  seen.found = (await new v2.ItemSearchApi(config2).searchItemByField({ term: 'JS-1', entity_type: 'organization', match: 'exact', field: key })).data.length;
  seen.wrong = await organizations.updateOrganization({ id: made.data.id, UpdateOrganizationRequest: { foo: 1 } }).catch((error) => error.code);

  const persons = new v2.PersonsApi(config2);
  const person = await persons.addPerson({ AddPersonRequest: { name: 'Ann Example', org_id: made.data.id, emails: [{ value: 'ann@example.com' }] } });
  seen.person = [person.data.org_id, person.data.emails[0].label];
  seen.persons = (await persons.getPersons({ org_id: made.data.id })).data.length;
  const deals = new v2.DealsApi(config2);
  const deal = await deals.addDeal({ AddDealRequest: { title: 'A deal', org_id: made.data.id, value: 10 } });
  seen.won = (await deals.updateDeal({ id: deal.data.id, UpdateDealRequest: { status: 'won' } })).data.status;
  seen.wonCount = (await organizations.getOrganization({ id: made.data.id, include_fields: 'won_deals_count' })).data.won_deals_count;
  const activity = await new v2.ActivitiesApi(config2).addActivity({ AddActivityRequest: { subject: 'Talk', type: 'call', org_id: made.data.id, done: true } });
  seen.activity = [activity.data.subject, activity.data.done];
  seen.fields = (await new v2.OrganizationFieldsApi(config2).getOrganizationFields({ limit: 500 })).data.filter((f) => f.is_custom_field).length;
  seen.stages = (await new v2.StagesApi(config2).getStages({})).data.length;
  seen.pipelines = (await new v2.PipelinesApi(config2).getPipelines({})).data.length;

  seen.me = (await new v1.UsersApi(config1).getCurrentUser()).data.email;
  seen.users = (await new v1.UsersApi(config1).getUsers()).data.length;
  const notes = new v1.NotesApi(config1);
  const note = await notes.addNote({ AddNoteRequest: { content: '<p>Hello</p>', org_id: made.data.id } });
  seen.note = [note.data.organization.name, (await notes.getNotes({ org_id: made.data.id })).data.length];
  seen.filters = (await new v1.FiltersApi(config1).getFilters({ type: 'org' })).data.length;
  seen.types = (await new v1.ActivityTypesApi(config1).getActivityTypes()).data.length;
  const relations = new v1.OrganizationRelationshipsApi(config1);
  await relations.addOrganizationRelationship({ AddOrganizationRelationshipRequest: { type: 'parent', rel_owner_org_id: 1, rel_linked_org_id: made.data.id } });
  seen.relation = (await relations.getOrganizationRelationships({ org_id: made.data.id })).data[0].calculated_type;
  seen.leads = (await new v1.LeadsApi(config1).addLead({ AddLeadRequest: { title: 'A lead', organization_id: made.data.id } })).data.organization_id === made.data.id;
  seen.merged = (await new v1.OrganizationsApi(config1).mergeOrganizations({ id: made.data.id, MergeOrganizationsRequest: { merge_with_id: 1 } })).data.id;
  seen.deleted = (await organizations.deleteOrganization({ id: 2 })).data.id;

  await oauth2.revokeToken('access_token');
  seen.revoked = await new v1.UsersApi(config1).getCurrentUser().catch((error) => error.errorCode);
  console.log(JSON.stringify(seen));
}

main().catch((error) => { console.error(error); process.exit(1); });
