/** `destination:rabbitmq/orders`, `service:checkout`: the node id of the map. */
export function placeId(place) {
    return place.system === null
        ? `${place.kind}:${place.name}`
        : `${place.kind}:${place.system}/${place.name}`;
}
//# sourceMappingURL=traffic.js.map