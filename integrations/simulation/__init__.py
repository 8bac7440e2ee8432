"""What every practice CRM stands on: messages over WSGI, routes, faults on demand, grants, a book of records. It knows no Django."""
