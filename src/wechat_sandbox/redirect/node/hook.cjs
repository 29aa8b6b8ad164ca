// Sends one process's calls to the platform into a sandbox: loaded by Node.js at start, through NODE_OPTIONS.
// Names of the platform resolve to a marker address; a connection to a name or to the marker goes to the sandbox.
// http, https, tls, fetch and every library on them connect through net.Socket, so this one place is enough.
'use strict'

const dns = require('node:dns')
const net = require('node:net')

const MARKER = '127.87.88.1'
const setting = process.env.WECHAT_SANDBOX_REDIRECT
if (setting) install(JSON.parse(setting))

function install({ hosts, address, ports }) {
  const names = new Set(hosts)
  const isPlatform = (host) => typeof host === 'string' && names.has(host.toLowerCase().replace(/\.$/, ''))

  // The given options are copied: TLS checks the certificate against the name in the originals.
  const target = (options) => {
    const host = options.host ?? options.hostname
    if (options.path || (host !== MARKER && !isPlatform(host))) return options
    // A port the platform does not serve stays closed: nothing may reach the real platform.
    return { ...options, host: address, port: ports[options.port] ?? 1, lookup: undefined }
  }

  const connect = net.Socket.prototype.connect
  net.Socket.prototype.connect = function (...args) {
    const [first, second] = args
    if (Array.isArray(first)) {
      // net.connect hands over its arguments already sorted into [options, callback].
      const replaced = target(first[0])
      if (replaced !== first[0]) first[0] = replaced
    } else if (first !== null && typeof first === 'object') {
      args[0] = target(first)
    } else if (!Number.isNaN(Number(first)) && typeof second === 'string') {
      const place = target({ port: Number(first), host: second })
      args.splice(0, 2, place.port, place.host)
    }
    return connect.apply(this, args)
  }

  const answer = (options) => (options.all ? [[{ address: MARKER, family: 4 }]] : [MARKER, 4])
  const asOptions = (options) => (options !== null && typeof options === 'object' ? options : {})

  const lookup = dns.lookup
  dns.lookup = function (host, options, callback) {
    if (!isPlatform(host)) return lookup.apply(this, arguments)
    const done = typeof options === 'function' ? options : callback
    process.nextTick(done, null, ...answer(asOptions(options)))
    return {}
  }

  const lookupLater = dns.promises.lookup
  dns.promises.lookup = async function (host, options) {
    if (!isPlatform(host)) return lookupLater.apply(this, arguments)
    return asOptions(options).all ? [{ address: MARKER, family: 4 }] : { address: MARKER, family: 4 }
  }

  for (const [place, style] of [[dns, 'callback'], [dns.promises, 'promise']]) {
    const resolve4 = place.resolve4
    place.resolve4 = function (host, ...rest) {
      if (!isPlatform(host)) return resolve4.call(this, host, ...rest)
      if (style === 'promise') return Promise.resolve([MARKER])
      return process.nextTick(rest[rest.length - 1], null, [MARKER])
    }
  }
}
